#!/usr/bin/perl
# The cluster test's Claude: speaks the CLI's stream-json, and writes down beside itself what it was and what it did,
# so that a checker can tell which process had which prompt, and when. In Perl, as dozens of them share two cores.
#
# A prompt holds `tag T words N every M`: the answer is the words `T.0 T.1 …`, one each M ms. With `ask` it asks for
# leave first; with `stubborn` neither the end of its input or output nor SIGTERM ends it in that turn.
# Its memory is a transcript where the CLI has its own, and like the CLI it refuses to resume one that is not there.
use strict;
use warnings;
use IO::Select;
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);

if (grep { $_ eq '--version' } @ARGV) { print "0.0.0 (cluster test)\n"; exit }

my ($session, $resumes) = ('', 0);
for my $i (0 .. $#ARGV - 1) {
    ($session, $resumes) = ($ARGV[ $i + 1 ], $ARGV[$i] eq '--resume') if $ARGV[$i] =~ /^--(session-id|resume)$/;
}
my ($dir) = $0 =~ m{^(.*)/};
# Its directory as the kernel has it, as Greenroom resolves links too.
my $cwd = readlink '/proc/self/cwd';
(my $project = $cwd) =~ s/[^A-Za-z0-9]/-/g;
my $config     = $ENV{CLAUDE_CONFIG_DIR} // '';
my $transcript = "$config/projects/$project/$session.jsonl";
open my $log, '>>', "$dir/agents.log" or die;

my ($turn, $input, $ended, $aborted, $stubborn, $count) = (0, '', 0, 0, 0, 0);
my (@prompts, %answers);
$SIG{TERM} = sub { exit 143 unless $stubborn };
$SIG{PIPE} = 'IGNORE';

if ($session ne '') {
    my $known = -e $transcript ? 1 : 0;
    if ($resumes != $known) { print STDERR "no such session, or it is there already: $session\n"; exit 1 }
    if (!$known) {
        mkdir $_ for $config, "$config/projects", "$config/projects/$project";
        remember('{"type":"begun"}');
    }
    open my $memory, '<', $transcript or die;
    my @turns = grep { /"tag"/ } <$memory>;
    note('start', scalar @turns);
}

while (!$ended || @prompts) {
    hear(undef);
    while (defined(my $prompt = shift @prompts)) { take($prompt) }
}
note('end', '');

sub take {
    my ($tag, $words, $every, $more) = $_[0] =~ /tag ([\w-]+) words (\d+) every (\d+)((?: ask| stubborn)*)/ or return;
    ($aborted, $stubborn) = (0, $more =~ /stubborn/ ? 1 : 0);
    note('prompt', $tag);
    my $message = "msg_$$" . '_' . ++$turn;
    put(qq({"type":"system","subtype":"init","session_id":"$session","tools":["Bash"],"model":"cluster","permissionMode":"default"}));
    ask($message, $tag) if $more =~ /ask/;
    begin($message);
    my $said = '';
    for my $i (0 .. $words - 1) {
        rest($every);
        last if $aborted;
        my $word = "$tag.$i ";
        event(qq({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"$word"}}));
        $said .= $word;
    }
    finish($message, qq({"type":"text","text":"$said"}));
    remember(qq({"type":"user","tag":"$tag"}));
    $stubborn = 0;
    my $how = $aborted ? '"is_error":true,"terminal_reason":"aborted_streaming","errors":[]' : '"is_error":false,"terminal_reason":"completed"';
    put(qq({"type":"result","subtype":"success","num_turns":1,$how,"result":"","model_usage_since_last_result":{"cluster":{"inputTokens":0,"outputTokens":$words,"costUSD":0}}}));
    note('turn', $tag);
}

sub ask {
    my ($message, $tag) = @_;
    my ($id, $request) = ("toolu_$$" . "_$turn", "ask_$$" . "_$turn");
    my $tool = qq({"type":"tool_use","id":"$id","name":"Bash","input":{"command":"$tag"}});
    event(qq({"type":"message_start","message":{"id":"ask_$message","role":"assistant","content":[]}}));
    event(qq({"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"$id","name":"Bash","input":{}}}));
    event(qq({"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\\"command\\":\\"$tag\\"}"}}));
    finish("ask_$message", $tool);
    put(qq({"type":"control_request","request_id":"$request","request":{"subtype":"can_use_tool","tool_name":"Bash","tool_use_id":"$id","input":{"command":"$tag"},"permission_suggestions":[]}}));
    until (defined $answers{$request} || $aborted || $ended) { hear(undef) }
    put(qq({"type":"control_cancel_request","request_id":"$request"})) unless defined $answers{$request};
    note('answer', $tag . ':' . ($answers{$request} // 'none'));
    my $content = ($answers{$request} // '') eq 'allow' ? 'Done.' : 'Denied.';
    put(qq({"type":"user","message":{"role":"user","content":[{"type":"tool_result","tool_use_id":"$id","content":"$content"}]},"parent_tool_use_id":null}));
}

sub begin {
    event(qq({"type":"message_start","message":{"id":"$_[0]","role":"assistant","content":[]}}));
    event('{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}');
}

sub finish {
    my ($message, $content) = @_;
    put(qq({"type":"assistant","message":{"id":"$message","role":"assistant","content":[$content]},"session_id":"$session","parent_tool_use_id":null,"uuid":"@{[uuid()]}"}));
    event('{"type":"content_block_stop","index":0}');
    event('{"type":"message_stop"}');
}

# Listens for so many ms, or until it is interrupted.
sub rest {
    my $until = now() + $_[0];
    while (!$aborted && (my $left = $until - now()) > 0) { hear($left) }
}

# Takes what comes within so many ms; undef: waits for something.
sub hear {
    my ($ms) = @_;
    if ($ended) { select undef, undef, undef, ($ms // 20) / 1000; exit 0 unless $stubborn || defined $ms; return }
    return unless IO::Select->new(\*STDIN)->can_read(defined $ms ? $ms / 1000 : undef);
    my $read = sysread STDIN, $input, 65536, length $input;
    $ended = 1 if defined $read && $read == 0;
    while ($input =~ s/^([^\n]*)\n//) { line($1) }
}

sub line {
    my ($line) = @_;
    if ($line =~ /"type":"control_request"/) {
        my ($id) = $line =~ /"request_id":"([^"]+)"/;
        $aborted = 1 if $line =~ /"subtype":"interrupt"/;
        put(qq({"type":"control_response","response":{"subtype":"success","request_id":"$id","response":{}}}));
    }
    elsif ($line =~ /"type":"control_response"/) {
        my ($id) = $line =~ /"request_id":"([^"]+)"/;
        ($answers{$id}) = $line =~ /"behavior":"(\w+)"/;
    }
    elsif ($line =~ /"type":"user"/) { push @prompts, $line }
}

sub event { put(qq({"type":"stream_event","event":$_[0],"session_id":"$session","parent_tool_use_id":null,"uuid":"@{[uuid()]}"})) }

sub put {
    my ($data, $at) = ("$_[0]\n", 0);
    while ($at < length $data) {
        my $written = syswrite STDOUT, $data, length($data) - $at, $at;
        return if !defined $written && $stubborn; # nobody reads it any more
        exit 1 unless defined $written;
        $at += $written;
    }
}

sub remember {
    open my $file, '>>', $transcript or die;
    syswrite $file, "$_[0]\n";
}

# One write each: lines of several processes do not mix.
sub note { syswrite $log, sprintf("%.1f %d %s %s %s %s\n", now(), $$, $session || '-', $_[0], $_[1] || '-', $config) if $session ne '' }

sub uuid { sprintf '%08x-0000-4000-8000-%012x', $$, ++$count }

sub now { clock_gettime(CLOCK_MONOTONIC) * 1000 }
