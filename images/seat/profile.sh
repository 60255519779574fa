# Login shells of a seat: the prompt, the working folder's bin, and the welcome where somebody reads it.
PATH=$HOME/bin:$PATH
if [ -t 1 ]; then
    case "$LANG" in
    zh*) cat /usr/share/forklab/welcome.zh ;;
    *) cat /usr/share/forklab/welcome.en ;;
    esac
fi
