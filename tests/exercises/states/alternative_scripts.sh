printf '#!/bin/sh\nwhile :; do :; done\n' > {{running}}
printf '#!/bin/sh\nread line\n' > {{sleeping}}
cp {{running}} {{stopped}}
chmod +x {{running}} {{sleeping}} {{stopped}}
mkfifo pipe
./{{sleeping}} <> pipe &
./{{stopped}} &
until pgrep -P $$ -x {{stopped}}; do :; done
kill -STOP %2
./{{running}}
