package ovo.payments.client;

import io.grpc.stub.ClientResponseObserver;
import java.time.Duration;
import java.util.Optional;

/** Where a stream stands, from which it goes on over broken connections. */
interface Place<I, M, E> {
  Duration HEARTBEAT = Duration.ofSeconds(15);

  /** How long the stream may be quiet. */
  Duration heartbeat();

  /** Asks for what comes after this place. */
  void open(ClientResponseObserver<I, M> observer);

  /** Notes the place after a message, and gives what the caller has not seen yet. */
  Optional<E> take(M message);

  /** Reads the interval that a request asks for. */
  static Duration of(com.google.protobuf.Duration asked) {
    return Duration.ofSeconds(asked.getSeconds(), asked.getNanos());
  }

  /** Writes the interval that is asked for where the program names none. */
  static com.google.protobuf.Duration heartbeatOrDefault(boolean set, com.google.protobuf.Duration asked) {
    return set ? asked : com.google.protobuf.Duration.newBuilder().setSeconds(HEARTBEAT.toSeconds()).build();
  }
}
