// An AMQP server that accepts every event and keeps none: what the unmodified client can send at best. rhea is enough
// here, for a batch costs it a hundredth of what the same batch costs the client. Started by rows/client.mjs.
import net from 'node:net';
import rhea from 'rhea';

const EMPTY_FRAME = Buffer.from([0, 0, 0, 8, 2, 0, 0, 0]);
const MAX_MESSAGE_BYTES = 1_048_576;
const CREDIT = 500;

const container = rhea.create_container();

function putToken({ message, connection }) {
  for (const link of Object.values(connection.local_channel_map).flatMap((session) =>
    Object.values(session.links),
  )) {
    if (!link.is_sender() || link.name !== message.reply_to) continue;
    link.send({
      correlation_id: message.message_id,
      application_properties: { 'status-code': 202, 'status-description': 'Accepted' },
    });
  }
}

const server = net.createServer((socket) => {
  socket.setNoDelay(true);
  const connection = container.create_connection({
    max_frame_size: 65_536,
    channel_max: 4_095,
    reconnect: false,
    receiver_options: { credit_window: 0, autoaccept: true, max_message_size: MAX_MESSAGE_BYTES },
  });
  connection.on('receiver_open', ({ receiver }) => {
    receiver.set_target({ address: receiver.target.address });
    receiver.add_credit(CREDIT);
  });
  connection.on('sender_open', ({ sender }) => {
    sender.set_source({ address: sender.source.address });
    sender.set_target({ address: sender.target?.address });
  });
  connection.on('message', (context) => {
    context.receiver.add_credit(1);
    if (context.receiver.target.address === '$cbs') putToken(context);
  });
  for (const event of ['error', 'protocol_error', 'disconnected', 'connection_error']) {
    connection.on(event, () => undefined); // the client has gone
  }
  connection.accept(socket);
  // As the engine does: the client's kernel holds the end of a batch back until something comes (Nagle's algorithm).
  socket.on('data', () => {
    const before = socket.bytesWritten;
    setImmediate(() => {
      if (socket.bytesWritten === before && connection.is_open()) socket.write(EMPTY_FRAME);
    });
  });
});
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
process.on('disconnect', () => process.exit());
