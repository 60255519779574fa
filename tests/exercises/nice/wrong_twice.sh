# fails: nice another
printf '#!/bin/sh\nwhile :; do :; done\n' > {{name}}
chmod +x {{name}}
nice -n 3 nice -n {{niceness}} ./{{name}} &
