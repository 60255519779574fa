mkdir -p types/{{directory}}
echo hello > types/{{file}}
ln -s "$PWD/types/{{directory}}" types/{{link}}
mknod types/{{pipe}} p
python3 -m lab.chat.server --socket types/{{socket}} --admin admin.sock
