<?php
// The script that everybody copied: command 1 with identifier and expiry, a non-blocking read of six bytes after each
// write, a longer look before each connection is given up, and a new connection every 100 notifications.
[, $host, $port, $pem, $ca, $list] = $argv;
$payload = json_encode(['aps' => ['alert' => 'Hello from 2011', 'sound' => 'default']]);
$tokens = file($list, FILE_IGNORE_NEW_LINES | FILE_SKIP_EMPTY_LINES);

function open_apns($host, $port, $pem, $ca) {
    $options = ['local_cert' => $pem, 'cafile' => $ca, 'peer_name' => 'localhost'];
    $fp = stream_socket_client("ssl://$host:$port", $err, $errstr, 60,
        STREAM_CLIENT_CONNECT | STREAM_CLIENT_PERSISTENT, stream_context_create(['ssl' => $options]));
    if (!$fp) exit("Failed to connect: $err $errstr\n");
    stream_set_blocking($fp, 0);
    return $fp;
}

// Returns the identifier that was refused, or false.
function check_error($fp) {
    $answer = fread($fp, 6);
    if ($answer === false || strlen($answer) < 6) return false;
    $error = unpack('Ccommand/Cstatus_code/Nidentifier', $answer);
    echo "ERROR {$error['status_code']} {$error['identifier']}\n";
    return $error['identifier'];
}

$fp = open_apns($host, $port, $pem, $ca);
$sent = 0;
for ($i = 0; $i <= count($tokens); $i++) {
    $failed = false;
    if ($i === count($tokens) || $sent === 100) {
        [$read, $none] = [[$fp], null];
        stream_select($read, $none, $none, 5);
        $failed = check_error($fp);
        fclose($fp);
        if ($failed === false && $i === count($tokens)) break;
        $fp = open_apns($host, $port, $pem, $ca);
        $sent = 0;
    }
    if ($failed === false) {
        $expiry = time() + 86400;
        $msg = pack('C', 1) . pack('N', $i) . pack('N', $expiry) . pack('n', 32) . pack('H*', $tokens[$i])
            . pack('n', strlen($payload)) . $payload;
        @fwrite($fp, $msg);
        $sent++;
        $failed = check_error($fp);
        if ($failed !== false) {
            fclose($fp);
            $fp = open_apns($host, $port, $pem, $ca);
            $sent = 0;
        }
    }
    // On from the one behind the refused one.
    if ($failed !== false) $i = $failed;
}
echo "DONE\n";
