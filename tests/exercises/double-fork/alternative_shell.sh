#!/bin/sh
(sleep {{long}} &)
sleep {{short}}
exit {{code}}
