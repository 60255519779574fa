# fails: nice not-nice
printf '#!/bin/sh\nwhile :; do :; done\n' > {{name}}
chmod +x {{name}}
./{{name}} &
