package ovo.payments.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import ovo.payments.v1.Payment;
import ovo.payments.v1.WatchPaymentRequest;
import ovo.payments.v1.WatchPaymentResponse;
import ovo.payments.v1.WatchPaymentsRequest;
import ovo.payments.v1.WatchPaymentsResponse;

@Timeout(30)
class WatchTest {
  private static final WatchPaymentRequest REQUEST = OvoPaymentsClient.watchOf("pay_1");
  private static final Backoff QUICK =
      new Backoff(Duration.ofMillis(1), Duration.ofMillis(1), Duration.ofMillis(100), interruption -> {});
  private static final Backoff PATIENT =
      new Backoff(Duration.ofHours(1), Duration.ofHours(1), Duration.ofHours(1), interruption -> {});

  private final List<Long> from = new CopyOnWriteArrayList<>();
  private final List<OvoPaymentsException> interruptions = new CopyOnWriteArrayList<>();

  private OvoPaymentsClient connected(Service service, Backoff backoff) {
    return OvoPaymentsClient.to(service.target()).backoff(backoff.withOnInterruption(interruptions::add)).connect();
  }

  /** Serves each watch with the next of the streams, and notes from where it was asked to go on. */
  private void serve(Service service, List<Consumer<StreamObserver<WatchPaymentResponse>>> streams) {
    service.watch =
        (request, answer) -> {
          from.add(request.getAfterVersion());
          streams.get(from.size() - 1).accept(answer);
        };
  }

  private static Consumer<StreamObserver<WatchPaymentResponse>> sending(Status end, long... versions) {
    return answer -> {
      for (long version : versions) {
        answer.onNext(Service.version(version));
      }
      if (end.isOk()) {
        answer.onCompleted();
      } else {
        answer.onError(end.asRuntimeException());
      }
    };
  }

  private static void readInto(List<Long> seen, Watch<Payment> watch) {
    for (Payment payment : watch) {
      seen.add(payment.getVersion());
    }
  }

  /** A watch goes on from the last version over broken streams; each comes once; it ends with the payment. */
  @Test
  void aWatchResumesFromTheLastVersion() throws IOException {
    List<Long> seen = new CopyOnWriteArrayList<>();
    try (Service service = new Service();
        OvoPaymentsClient client = connected(service, QUICK)) {
      Status cut = Status.UNAVAILABLE;
      serve(service, List.of(sending(cut, 1, 2), sending(cut), sending(cut, 2, 3), sending(Status.OK, 4)));
      readInto(seen, client.watch(REQUEST));
    }
    assertEquals(List.of(1L, 2L, 3L, 4L), seen);
    assertEquals(List.of(0L, 2L, 2L, 3L), from);
    assertEquals(3, interruptions.size());
  }

  /** A stream on which not even a heartbeat comes is left. */
  @Test
  void aSilentStreamIsLeft() throws IOException {
    List<Long> seen = new CopyOnWriteArrayList<>();
    com.google.protobuf.Duration twoSeconds = com.google.protobuf.Duration.newBuilder().setSeconds(2).build();
    try (Service service = new Service();
        OvoPaymentsClient client = connected(service, QUICK)) {
      serve(service, List.of(answer -> answer.onNext(Service.version(1)), sending(Status.OK, 2)));
      readInto(seen, client.watch(REQUEST.toBuilder().setHeartbeatInterval(twoSeconds).build()));
    }
    assertEquals(List.of(1L, 2L), seen);
    assertEquals(Status.Code.DEADLINE_EXCEEDED, interruptions.get(0).code());
  }

  /** What repeating can't change ends the watch with its error. */
  @Test
  void aRefusedWatchEnds() throws IOException {
    try (Service service = new Service();
        OvoPaymentsClient client = connected(service, QUICK)) {
      serve(service, List.of(sending(Status.NOT_FOUND)));
      Watch<Payment> watch = client.watch(REQUEST);
      OvoPaymentsException error = assertThrows(OvoPaymentsException.class, () -> watch.iterator().hasNext());
      assertEquals(Status.Code.NOT_FOUND, error.code());
    }
    assertEquals(1, from.size());
  }

  /** Closing a watch ends its loop, also while it waits, and cancels the stream at the service. */
  @Test
  void closingEndsAWatch() throws Exception {
    CountDownLatch left = new CountDownLatch(1);
    try (Service service = new Service();
        OvoPaymentsClient client = connected(service, PATIENT)) {
      service.watch =
          (request, answer) -> {
            ((ServerCallStreamObserver<WatchPaymentResponse>) answer).setOnCancelHandler(left::countDown);
            answer.onNext(Service.version(1));
          };
      Watch<Payment> watch = client.watch(REQUEST);
      for (Payment payment : watch) {
        assertEquals(1, payment.getVersion());
        watch.close();
      }
      assertTrue(left.await(10, TimeUnit.SECONDS));
    }
  }

  /** Interrupting the thread ends the watch, and leaves the thread interrupted. */
  @Test
  void anInterruptionEndsAWatch() throws IOException {
    try (Service service = new Service();
        OvoPaymentsClient client = connected(service, PATIENT)) {
      serve(service, List.of(answer -> {}));
      Watch<Payment> watch = client.watch(REQUEST);
      Thread.currentThread().interrupt();
      assertThrows(CancellationException.class, () -> watch.iterator().hasNext());
      assertTrue(Thread.interrupted());
    }
  }

  /** The stream of all payments goes on from the last cursor. */
  @Test
  void allPaymentsResumeFromTheLastCursor() throws IOException {
    List<String> cursors = new CopyOnWriteArrayList<>();
    List<Boolean> fromNow = new CopyOnWriteArrayList<>();
    try (Service service = new Service();
        OvoPaymentsClient client = connected(service, QUICK)) {
      service.all =
          (request, answer) -> {
            cursors.add(request.getCursor());
            fromNow.add(request.getFromNow());
            String next = request.getCursor().isEmpty() ? "a" : "b";
            answer.onNext(WatchPaymentsResponse.newBuilder().setCursor(next).build());
            answer.onError(Status.UNAVAILABLE.asRuntimeException());
          };
      WatchPaymentsRequest begin = WatchPaymentsRequest.newBuilder().setFromNow(true).build();
      try (Watch<WatchPaymentsResponse> watch = client.watchAll(begin)) {
        for (WatchPaymentsResponse change : watch) {
          if (change.getCursor().equals("b")) {
            break;
          }
        }
      }
    }
    assertEquals(List.of("", "a"), cursors);
    assertEquals(List.of(true, false), fromNow);
  }
}
