bash -c ':() { : | : & }; :; wait' &
for ((SECONDS = 0; SECONDS < 3; )); do :; done
kill -KILL -- -$!
