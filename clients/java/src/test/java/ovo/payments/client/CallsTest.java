package ovo.payments.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Context;
import io.grpc.Status;
import java.io.IOException;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import ovo.payments.v1.ChargeRequest;

class CallsTest {
  private static final ChargeRequest NOTHING = ChargeRequest.getDefaultInstance();

  /** A call has the client's deadline, and the service sees it. */
  @Test
  void everyCallHasADeadline() throws IOException {
    List<Long> leftMs = new CopyOnWriteArrayList<>();
    try (Service service = new Service();
        OvoPaymentsClient client =
            OvoPaymentsClient.to(service.target()).deadline(Duration.ofSeconds(40)).connect()) {
      service.charge =
          (request, answer) -> {
            leftMs.add(Context.current().getDeadline().timeRemaining(TimeUnit.MILLISECONDS));
            Service.answered(answer);
          };
      client.charge(NOTHING);
    }
    assertTrue(leftMs.get(0) > 35_000 && leftMs.get(0) <= 40_000, "the service sees " + leftMs);
  }

  /** UNAVAILABLE is tried again, with the same request id, four times in all. */
  @Test
  void unavailableIsTriedAgain() throws IOException {
    List<String> asked = new CopyOnWriteArrayList<>();
    try (Service service = new Service();
        OvoPaymentsClient client = OvoPaymentsClient.to(service.target()).connect()) {
      service.charge =
          (request, answer) -> {
            asked.add(request.getRequestId());
            if (asked.size() < 4) {
              answer.onError(Status.UNAVAILABLE.asRuntimeException());
            } else {
              Service.answered(answer);
            }
          };
      client.charge(ChargeRequest.newBuilder().setRequestId("request-1").build());
    }
    assertEquals(Collections.nCopies(4, "request-1"), asked);
  }

  /** Nothing else is: a no stays a no, and is told at once. */
  @ParameterizedTest
  @EnumSource(
      value = Status.Code.class,
      names = {"ALREADY_EXISTS", "INTERNAL", "RESOURCE_EXHAUSTED", "DEADLINE_EXCEEDED"})
  void nothingElseIsTriedAgain(Status.Code code) throws IOException {
    List<String> asked = new CopyOnWriteArrayList<>();
    try (Service service = new Service();
        OvoPaymentsClient client = OvoPaymentsClient.to(service.target()).connect()) {
      service.charge =
          (request, answer) -> {
            asked.add(request.getRequestId());
            answer.onError(code.toStatus().asRuntimeException());
          };
      assertThrows(OvoPaymentsException.class, () -> client.charge(NOTHING));
    }
    assertEquals(1, asked.size());
  }
}
