#!/usr/bin/perl
use IO::Socket::UNIX; use Socket;
my $s = IO::Socket::UNIX->new(Type=>SOCK_STREAM, Peer=>$ENV{CHAT_SOCKET}) or die "connect: $!";
$s->autoflush(1); my $me = $ENV{USER}; print $s "$me\n";
while (<$s>) { if (/^(\S+) : \Q$me, {{question}}?\E$/) { print $s "$1, {{answer}}\n" } }
