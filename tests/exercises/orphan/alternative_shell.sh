#!/bin/sh
(sleep {{work}}; exec sleep {{alone}}) &
sleep {{work}}
exit {{code}}
