#!/bin/bash
# fails: online not-online
whoami | no-such-command "$CHAT_SOCKET" | while IFS= read -r line; do
  who=${line%% : *}
  [ "${line#* : }" = "$USER, {{question}}?" ] && echo "$who, {{answer}}"
done
