// What stands in the folder of credentials, for people and for programs in other languages. Every program in it is run by
// a test, where its language is installed.
import type { Endpoint } from "@apns/core";
import type { SimulatorCredentials } from "./identities.js";
import type { PortName } from "./options.js";

type Endpoints = Readonly<Record<PortName, Required<Endpoint>>>;

export function folderReadme(credentials: SimulatorCredentials, endpoints: Endpoints, passphrase: string): string {
  const { keyId, teamId, topic } = credentials;
  const { http2, channels, gateway, feedback } = endpoints;
  const url = (endpoint: Endpoint) => `https://localhost:${endpoint.port}`;
  return `# Credentials of an APNs simulator

Thrown away with it: they open nothing else. Trust \`ca.pem\`; it issued the servers' certificate, which is for localhost,
its addresses and Apple's own host names.

| | |
| --- | --- |
| notifications, broadcasts | ${url(http2)} |
| channels | ${url(channels)} |
| legacy gateway, feedback | localhost:${gateway.port}, localhost:${feedback.port} |
| topic | ${topic} |
| provider token | ES256, key id ${keyId}, team ${teamId}, key \`AuthKey_${keyId}.p8\` |
| client certificate | \`client.p12\` (passphrase \`${passphrase}\`), \`client.pem\`, or \`client-cert.pem\` and \`client-key.pem\` |

Each of these takes a device token as its first argument, which the simulator must know. Run them in this folder.

## curl

\`\`\`sh
curl --http2 --cacert ca.pem --cert client.pem --header 'apns-topic: ${topic}' \\
  --data '{"aps":{"alert":"Hello from curl"}}' --include ${url(http2)}/3/device/"$1"
\`\`\`

## Go

\`\`\`go
${go(topic, url(http2))}
\`\`\`

## Java 11

\`\`\`java
${java(topic, url(http2), passphrase)}
\`\`\`

## Python, on the legacy wire

For HTTP/2, give the same context to httpx: \`httpx.Client(http2=True, verify=context)\`.

\`\`\`python
${python(gateway)}
\`\`\`

## PHP, on the legacy wire

For HTTP/2, give curl the same files: \`CURLOPT_CAINFO\`, \`CURLOPT_SSLCERT\` and \`CURL_HTTP_VERSION_2_0\`.

\`\`\`php
${php(gateway)}
\`\`\`
`;
}

function go(topic: string, url: string): string {
  return `package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"os"
	"strings"
)

func main() {
	ca, err := os.ReadFile("ca.pem")
	if err != nil {
		panic(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca)
	certificate, err := tls.LoadX509KeyPair("client-cert.pem", "client-key.pem")
	if err != nil {
		panic(err)
	}
	client := http.Client{Transport: &http.Transport{
		ForceAttemptHTTP2: true,
		TLSClientConfig:   &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{certificate}},
	}}
	body := strings.NewReader(\`{"aps":{"alert":"Hello from Go"}}\`)
	request, err := http.NewRequest("POST", "${url}/3/device/"+os.Args[1], body)
	if err != nil {
		panic(err)
	}
	request.Header.Set("apns-topic", "${topic}")
	response, err := client.Do(request)
	if err != nil {
		panic(err)
	}
	fmt.Println(response.Proto, response.StatusCode)
}`;
}

function java(topic: string, url: string, passphrase: string): string {
  return `import java.io.FileInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

public class Push {
    public static void main(String[] args) throws Exception {
        char[] passphrase = "${passphrase}".toCharArray();
        KeyStore mine = KeyStore.getInstance("PKCS12");
        mine.load(new FileInputStream("client.p12"), passphrase);
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(mine, passphrase);
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null);
        trusted.setCertificateEntry("simulator",
            CertificateFactory.getInstance("X.509").generateCertificate(new FileInputStream("ca.pem")));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(keys.getKeyManagers(), trust.getTrustManagers(), null);

        HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).sslContext(tls).build();
        HttpRequest request = HttpRequest.newBuilder(URI.create("${url}/3/device/" + args[0]))
            .header("apns-topic", "${topic}")
            .POST(HttpRequest.BodyPublishers.ofString("{\\"aps\\":{\\"alert\\":\\"Hello from Java\\"}}")).build();
        HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
        System.out.println(response.version() + " " + response.statusCode());
    }
}`;
}

function python(gateway: Endpoint): string {
  return `import socket, ssl, struct, sys

context = ssl.create_default_context(cafile="ca.pem")
context.load_cert_chain("client-cert.pem", "client-key.pem")
token = bytes.fromhex(sys.argv[1])
payload = b'{"aps":{"alert":"Hello from Python"}}'
frame = struct.pack("!BIIH", 1, 1, 0, len(token)) + token + struct.pack("!H", len(payload)) + payload
barrier = struct.pack("!BIIHH", 1, 2, 0, 0, 0)  # no device token: the answer proves all before it
with context.wrap_socket(socket.create_connection(("localhost", ${gateway.port})), server_hostname="localhost") as tls:
    tls.sendall(frame + barrier)
    print(tls.recv(6).hex())`;
}

function php(gateway: Endpoint): string {
  return `<?php
$context = stream_context_create(["ssl" => ["cafile" => "ca.pem", "local_cert" => "client.pem"]]);
$socket = stream_socket_client("tls://localhost:${gateway.port}", $code, $error, 5, STREAM_CLIENT_CONNECT, $context);
$token = hex2bin($argv[1]);
$payload = '{"aps":{"alert":"Hello from PHP"}}';
fwrite($socket, pack("CNNn", 1, 1, 0, strlen($token)) . $token . pack("n", strlen($payload)) . $payload);
fwrite($socket, pack("CNNnn", 1, 2, 0, 0, 0)); // no device token: the answer proves all before it
echo bin2hex(fread($socket, 6)), "\\n";`;
}
