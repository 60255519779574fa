#!/usr/bin/perl
use IO::Socket::UNIX; use Socket;
$SIG{CHLD} = 'IGNORE'; unlink "timeout.sock";
my $s = IO::Socket::UNIX->new(Type=>SOCK_STREAM, Local=>"timeout.sock", Listen=>5) or die "bind: $!";
use Time::HiRes qw(setitimer ITIMER_REAL);
while (1) { my $c = $s->accept or next; if (!fork) { close $s; $c->autoflush(1);
  $SIG{ALRM} = sub { exit 0 }; setitimer(ITIMER_REAL, {{seconds}});
  while (<$c>) { setitimer(ITIMER_REAL, {{seconds}}); print $c "{{answer}}\n" } exit 0 } close $c }
