#!/usr/bin/perl
# As the Perl modules did it: command 1 by pack, IO::Socket::SSL, a look at the socket when all is written, and the rest
# again behind the identifier that was refused.
use strict;
use warnings;
use IO::Select;
use IO::Socket::SSL;

my ($host, $port, $pem, $ca, $list) = @ARGV;
open my $in, '<', $list or die "$list: $!";
chomp(my @tokens = <$in>);
my $payload = '{"aps":{"alert":"Hello from Perl","badge":3}}';
my $next = 0;
$SIG{PIPE} = 'IGNORE';
while ($next < @tokens) {
    my $socket = IO::Socket::SSL->new(
        PeerAddr => $host, PeerPort => $port, SSL_cert_file => $pem, SSL_key_file => $pem, SSL_ca_file => $ca,
        SSL_verifycn_name => 'localhost', SSL_hostname => 'localhost',
    ) or die "connect: $! $SSL_ERROR";
    for my $id ($next .. $#tokens) {
        my $frame = pack 'C N N n/a* n/a*', 1, $id, time + 3600, pack('H*', $tokens[$id]), $payload;
        last unless defined $socket->syswrite($frame);
    }
    $next = @tokens;
    my $select = IO::Select->new($socket);
    if ($socket->pending || $select->can_read(5)) {
        my $answer = '';
        while (length $answer < 6) {
            last unless $socket->sysread($answer, 6 - length $answer, length $answer);
        }
        if (length $answer == 6) {
            my ($command, $status, $id) = unpack 'C C N', $answer;
            print "ERROR $status $id\n";
            $next = $id + 1;
        }
    }
    $socket->close;
}
print "DONE\n";
