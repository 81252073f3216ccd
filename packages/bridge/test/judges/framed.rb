# As the Ruby gems did it: command 2 with all five items, a batch in one write, IO.select for the answer, and the rest again
# behind the identifier that was refused.
require 'openssl'
require 'socket'

host, port, pem, ca, list = ARGV
tokens = File.readlines(list, chomp: true)
payload = '{"aps":{"alert":"Hello from Ruby","sound":"default"}}'
context = OpenSSL::SSL::SSLContext.new
context.cert = OpenSSL::X509::Certificate.new(File.read(pem))
context.key = OpenSSL::PKey.read(File.read(pem))
context.ca_file = ca
context.verify_mode = OpenSSL::SSL::VERIFY_PEER

first = 0
while first < tokens.length
  socket = TCPSocket.new(host, port.to_i)
  socket.setsockopt(Socket::SOL_SOCKET, Socket::SO_KEEPALIVE, true)
  ssl = OpenSSL::SSL::SSLSocket.new(socket, context)
  ssl.sync = true
  ssl.connect
  batch = (first...tokens.length).map do |id|
    items = [1, 32, tokens[id]].pack('CnH*')
    items << [2, payload.bytesize, payload].pack('Cna*')
    items << [3, 4, id].pack('CnN')
    items << [4, 4, Time.now.to_i + 86_400].pack('CnN')
    items << [5, 1, 10].pack('CnC')
    [2, items.bytesize].pack('CN') + items
  end.join
  first = tokens.length
  begin
    ssl.write(batch)
  rescue Errno::EPIPE, Errno::ECONNRESET
    # The answer may still be there to be read.
  end
  if IO.select([socket], nil, nil, 5)
    answer = ssl.read(6)
    if answer && answer.bytesize == 6
      _command, status, id = answer.unpack('CCN')
      puts "ERROR #{status} #{id}"
      first = id + 1
    end
  end
  ssl.close
  socket.close
end
puts 'DONE'
