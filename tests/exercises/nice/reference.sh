printf '#!/bin/sh\nwhile :; do :; done\n' > {{name}}
chmod +x {{name}}
nice -n {{niceness}} ./{{name}} &
