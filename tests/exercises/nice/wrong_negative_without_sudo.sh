# fails: nice not-nice
# A root who tries this loses the right to it first.
printf '#!/bin/sh\nwhile :; do :; done\n' > {{name}}
chmod +x {{name}}
[ "$(id -u)" -ne 0 ] || without="setpriv --bounding-set=-sys_nice --inh-caps=-sys_nice"
$without nice --{{niceness}} ./{{name}} &
