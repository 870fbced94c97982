#!/usr/bin/perl
# The benchmark's Claude: speaks the CLI's stream-json and costs next to nothing, so that a hundred of them
# leave the cores to the servers. In Perl for that reason: a hundred Node processes would be the load.
#
# A line with one of these words starts a turn; every token ends with a tilde and holds no other.
#   burst N              N tokens as fast as the pipe takes them
#   rate R for S after D R tokens a second for S ms, the first D ms after the turn began; each token is the
#                        time it was written, in hexadecimal microseconds of the monotonic clock
use strict;
use warnings;
use Time::HiRes qw(clock_gettime sleep CLOCK_MONOTONIC);

my $SESSION = '5f0c3b1e-8a57-4c1d-9b52-0d6f1f2a7c11';
my $TAIL    = qq("session_id":"$SESSION","parent_tool_use_id":null,"uuid":"0bf04e4a-1dfe-40f0-8d99-1eba0cd988f1");
my $MESSAGE = 'msg_f7fb3f05ba189bd2983987e0';
my $BLOCK   = 1_000;    # tokens in one prepared piece of a burst
my $turn    = 0;

if (grep { $_ eq '--version' } @ARGV) { print "0.0.0 (benchmark)\n"; exit }

while (my $line = <STDIN>) {
    if ($line =~ /"control_request"/) {
        my ($id) = $line =~ /"request_id":"([^"]+)"/;
        put(qq({"type":"control_response","response":{"subtype":"success","request_id":"$id","response":{}}}\n));
    }
    elsif ($line =~ /burst (\d+)/) { turn_of(\&burst, $1) }
    elsif ($line =~ /rate ([\d.]+) for (\d+) after (\d+)/) { turn_of(\&rate, $1, $2, $3) }
}

# The frame of every turn. Its lines are written one by one, as the CLI writes them.
sub turn_of {
    my ($stream, @args) = @_;
    my $message = $MESSAGE . ++$turn;
    put(qq({"type":"system","subtype":"init","session_id":"$SESSION","tools":[],"model":"bench","permissionMode":"default"}\n));
    my $text = $stream->(sub {
        put(event(qq({"type":"message_start","message":{"id":"$message","role":"assistant","content":[]}})));
        put(event('{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}'));
    }, @args);
    put(qq({"type":"assistant","message":{"id":"$message","role":"assistant","content":[{"type":"text","text":"$text"}]},$TAIL}\n));
    put(event('{"type":"content_block_stop","index":0}'));
    put(event('{"type":"message_stop"}'));
    put(qq({"is_error":false,"subtype":"success","type":"result","result":"","terminal_reason":"completed","model_usage_since_last_result":{}}\n));
}

sub burst {
    my ($begin, $tokens) = @_;
    my $token = 'word~';
    my $block = delta($token) x $BLOCK;
    $begin->();
    put($block) for 1 .. $tokens / $BLOCK;
    put(delta($token) x ($tokens % $BLOCK)) if $tokens % $BLOCK;
    return $token x $tokens;
}

sub rate {
    my ($begin, $per_second, $for_ms, $after_ms) = @_;
    my $text = '';
    # A random phase: the programs of many sockets must not all write at the same moment.
    my $at = now() + $after_ms / 1000 + rand(1 / $per_second);
    nap_until($at);
    $begin->();
    for (1 .. $per_second * $for_ms / 1000) {
        nap_until($at);
        my $token = sprintf '%x~', now() * 1e6;
        put(delta($token));
        $text .= $token;
        $at += 1 / $per_second;
    }
    return $text;
}

sub delta { event(qq({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"$_[0]"}}), qq(,"api_message_id":"$MESSAGE")) }

sub event { qq({"type":"stream_event","event":$_[0],$TAIL) . ($_[1] // '') . "}\n" }

sub now { clock_gettime(CLOCK_MONOTONIC) }

sub nap_until { my $rest = $_[0] - now(); sleep $rest if $rest > 0 }

sub put {
    my ($data, $at) = ($_[0], 0);
    while ($at < length $data) {
        my $written = syswrite STDOUT, $data, length($data) - $at, $at;
        exit unless defined $written;
        $at += $written;
    }
}
