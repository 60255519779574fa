printf '#!/bin/sh\nkill -TSTP $$\nwhile :; do :; done\n' > {{stopped}}
cp {{stopped}} {{background}}
printf '#!/bin/sh\ncat\n' > {{foreground}}
chmod +x {{stopped}} {{background}} {{foreground}}
./{{stopped}}
./{{background}}
bg
./{{foreground}}
