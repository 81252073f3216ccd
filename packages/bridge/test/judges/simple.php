<?php
// The script of 2009: command 0, no identifier, no answer read; a new connection every 100 notifications.
[, $host, $port, $pem, $ca, $list] = $argv;
$payload = json_encode(['aps' => ['alert' => 'Hello from 2009', 'badge' => 1, 'sound' => 'default']]);
$tokens = file($list, FILE_IGNORE_NEW_LINES | FILE_SKIP_EMPTY_LINES);
$fp = null;
foreach ($tokens as $count => $token) {
    if ($count % 100 === 0) {
        if ($fp) fclose($fp);
        $ctx = stream_context_create();
        stream_context_set_option($ctx, 'ssl', 'local_cert', $pem);
        stream_context_set_option($ctx, 'ssl', 'cafile', $ca);
        stream_context_set_option($ctx, 'ssl', 'peer_name', 'localhost');
        $fp = stream_socket_client("ssl://$host:$port", $err, $errstr, 60, STREAM_CLIENT_CONNECT, $ctx);
        if (!$fp) exit("Failed to connect: $err $errstr\n");
    }
    $msg = chr(0) . pack('n', 32) . pack('H*', $token) . pack('n', strlen($payload)) . $payload;
    $written = fwrite($fp, $msg, strlen($msg));
    if ($written !== strlen($msg)) exit("Message not delivered\n");
}
fclose($fp);
echo "DONE\n";
