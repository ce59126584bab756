package ovo.payments.client;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** One connection's stream, whose messages are asked for one at a time. */
final class OneStream<I, M> implements ClientResponseObserver<I, M> {
  /** What gRPC told: a message, an error, or neither at the end. */
  private record Told<M>(M message, StatusRuntimeException error) {}

  private final Duration patience;
  private final BlockingQueue<Told<M>> told = new LinkedBlockingQueue<>();
  private volatile ClientCallStreamObserver<I> call;
  private volatile boolean cancelled;

  OneStream(Duration patience) {
    this.patience = patience;
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<I> started) {
    call = started;
    started.disableAutoRequestWithInitial(1);
  }

  @Override
  public void onNext(M message) {
    told.add(new Told<>(message, null));
  }

  @Override
  public void onError(Throwable error) {
    told.add(new Told<>(null, Status.fromThrowable(error).asRuntimeException(Status.trailersFromThrowable(error))));
  }

  @Override
  public void onCompleted() {
    told.add(new Told<>(null, null));
  }

  /** Waits for the next message; none at the end; a silent stream counts as broken. */
  Optional<M> read() throws InterruptedException {
    Told<M> next = told.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
    if (next == null) {
      throw new OvoPaymentsException(
          Status.DEADLINE_EXCEEDED
              .withDescription("nothing arrived for " + patience + ", not even a heartbeat")
              .asRuntimeException());
    }
    if (next.error() != null) {
      throw new OvoPaymentsException(next.error());
    }
    if (next.message() != null) {
      call.request(1);
    }
    return Optional.ofNullable(next.message());
  }

  /** Leaves the stream; the payment goes on. */
  void cancel() {
    ClientCallStreamObserver<I> started = call;
    if (started != null && !cancelled) {
      cancelled = true;
      started.cancel("left by the watcher", null);
    }
  }
}
