#!/bin/bash
coproc room { python3 -m lab.chat.client "$LOGNAME"; }
while read -r who colon text <&"${room[0]}"; do
  if [ "$colon $text" = ": $LOGNAME, {{question}}?" ]; then
    echo "$who, {{answer}}" >&"${room[1]}"
  fi
done
