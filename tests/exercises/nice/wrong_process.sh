# fails: nice wrong-process
printf '#!/bin/sh\nwhile :; do :; done\n' > {{name}}
chmod +x {{name}}
nice -n {{niceness}} sleep 1000 &
./{{name}} &
