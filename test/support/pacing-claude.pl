#!/usr/bin/perl
# A Claude that can be left to run by the hundred: a few MB each, and it hears an interrupt in the middle of a turn.
#
# `say N every G as W` in a prompt is a turn of N tokens `W.0~` to `W.(N-1)~`, G ms apart.
use strict;
use warnings;
use Time::HiRes qw(time);

my $SESSION = '5f0c3b1e-8a57-4c1d-9b52-0d6f1f2a7c11';
my $TAIL    = qq("session_id":"$SESSION","parent_tool_use_id":null,"uuid":"0bf04e4a-1dfe-40f0-8d99-1eba0cd988f1");
my ($input, $turn, $stopped) = ('', 0, 0);
my @prompts;

if (grep { $_ eq '--version' } @ARGV) { print "0.0.0 (soak)\n"; exit }

while (1) {
    hear(undef) until @prompts;
    say_all(@{ shift @prompts });
}

sub say_all {
    my ($count, $gap_ms, $word) = @_;
    my $message = sprintf 'msg_%d_%d', $$, ++$turn;
    $stopped = 0;
    put(qq({"type":"system","subtype":"init","session_id":"$SESSION","tools":[],"model":"soak","permissionMode":"default"}));
    event(qq({"type":"message_start","message":{"id":"$message","role":"assistant","content":[]}}));
    event('{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}');
    my $text = '';
    for my $k (0 .. $count - 1) {
        my $at = time + $gap_ms / 1000;
        while (!$stopped && (my $rest = $at - time) > 0) { hear($rest) }
        last if $stopped;
        event(qq({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"$word.$k~"}}));
        $text .= "$word.$k~";
    }
    put(qq({"type":"assistant","message":{"id":"$message","role":"assistant","content":[{"type":"text","text":"$text"}]},$TAIL}));
    unless ($stopped) { event('{"type":"content_block_stop","index":0}'); event('{"type":"message_stop"}') }
    my ($is_error, $subtype, $reason) = $stopped ? ('true', 'error_during_execution', 'aborted_streaming') : ('false', 'success', 'completed');
    put(qq({"is_error":$is_error,"subtype":"$subtype","type":"result","result":"","terminal_reason":"$reason","model_usage_since_last_result":{}}));
}

# What was sent within so many seconds; undef: the next, however long it takes. The end of the input ends it.
sub hear {
    my $ready = '';
    vec($ready, fileno(STDIN), 1) = 1;
    return unless select($ready, undef, undef, $_[0]);
    sysread(STDIN, $input, 65_536, length $input) or exit;
    while ($input =~ s/^(.*)\n//) {
        my $line = $1;
        if ($line =~ /"control_request"/) {
            my ($id) = $line =~ /"request_id":"([^"]+)"/;
            put(qq({"type":"control_response","response":{"subtype":"success","request_id":"$id","response":{}}}));
            $stopped = 1 if $line =~ /"interrupt"/;
        }
        elsif ($line =~ /say (\d+) every (\d+) as (\w+)/) { push @prompts, [$1, $2, $3] }
    }
}

sub event { put(qq({"type":"stream_event","event":$_[0],$TAIL})) }

sub put { syswrite STDOUT, "$_[0]\n" or exit }
