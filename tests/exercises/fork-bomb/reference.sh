printf '#!/bin/bash\nwhile :; do "$0" & done\n' > bomb
chmod +x bomb
./bomb &
for ((SECONDS = 0; SECONDS < 3; )); do :; done
kill -KILL -- -$!
