# Login shells of a seat: the student's own programs, and the welcome where somebody reads it.
PATH=$HOME/bin:$PATH
# A terminal that is not known here is taken for one that most can imitate.
[ -z "$TERM" ] || infocmp "$TERM" > /dev/null 2>&1 || export TERM=xterm-256color
if [ -t 1 ]; then
    case "$LANG" in
    zh*) cat /usr/share/forklab/welcome.zh ;;
    *) cat /usr/share/forklab/welcome.en ;;
    esac
fi
