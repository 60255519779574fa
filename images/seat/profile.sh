# Login shells of a seat: the student's own programs, and the welcome where somebody reads it.
PATH=$HOME/bin:$PATH
# A terminal that is not known here is taken for one that most can imitate.
[ -z "$TERM" ] || infocmp "$TERM" > /dev/null 2>&1 || export TERM=xterm-256color
# Before the first prompt, and not here: the language may be set in ~/.profile, which is read after this.
if [ -t 1 ]; then
    welcome=/usr/share/forklab/welcome
    PROMPT_COMMAND='if [ "${welcome-}" ]; then
        language=${LANGUAGE:-${LC_ALL:-${LC_MESSAGES:-$LANG}}}
        language=${language%%[:.@]*}
        for language in "$language" "${language%%_*}" en; do
            [ ! -r "$welcome.$language" ] || { cat "$welcome.$language"; break; }
        done
        unset welcome language
    fi'
fi
