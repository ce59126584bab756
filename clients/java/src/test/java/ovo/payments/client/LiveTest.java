package ovo.payments.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.function.Executable;
import ovo.payments.v1.ChargeRequest;
import ovo.payments.v1.GetStatusRequest;
import ovo.payments.v1.Payment;

/** Against the running service that OVOPAY_SERVER names. */
@Timeout(60)
@EnabledIfEnvironmentVariable(named = "OVOPAY_SERVER", matches = ".+")
class LiveTest {
  private static OvoPaymentsClient connected() throws IOException {
    return connected(System.getenv("OVOPAY_TOKEN"));
  }

  /** Speaks TLS where OVOPAY_TLS_CA names the authority to trust. */
  private static OvoPaymentsClient connected(String token) throws IOException {
    Connecting connecting = OvoPaymentsClient.to(System.getenv("OVOPAY_SERVER"));
    String authority = System.getenv("OVOPAY_TLS_CA");
    if (authority != null) {
      connecting.tls(new File(authority));
    }
    if (token != null) {
      connecting.token(token);
    }
    return connecting.connect();
  }

  private static ChargeRequest.Builder charge() {
    String id = UUID.randomUUID().toString();
    return ChargeRequest.newBuilder()
        .setRequestId(id)
        .setOrderId(id)
        .setPhoneNumber("081234567890")
        .setAmount(OvoPaymentsClient.rupiah(15_000));
  }

  /** One request id is one payment, however often and at once it is asked for; the watch shows it whole. */
  @Test
  void oneRequestIsOnePayment() throws IOException {
    try (OvoPaymentsClient client = connected()) {
      ChargeRequest request = charge().build();
      Set<String> ids =
          IntStream.range(0, 8)
              .parallel()
              .mapToObj(number -> client.charge(request).getPayment().getPaymentId())
              .collect(Collectors.toSet());
      assertEquals(1, ids.size());
      List<Payment> versions = new ArrayList<>();
      try (Watch<Payment> watch = client.watch(OvoPaymentsClient.watchOf(ids.iterator().next()))) {
        watch.forEach(versions::add);
      }
      for (int index = 0; index < versions.size(); index++) {
        assertEquals(index + 1, versions.get(index).getVersion());
      }
      assertEquals(Payment.State.STATE_SUCCEEDED, versions.get(versions.size() - 1).getState());
    }
  }

  /** The service's refusals carry their reasons and facts. */
  @Test
  void refusals() throws IOException {
    try (OvoPaymentsClient client = connected()) {
      ChargeRequest request = charge().build();
      String id = client.charge(request).getPayment().getPaymentId();
      ChargeRequest more = request.toBuilder().setAmount(OvoPaymentsClient.rupiah(16_000)).build();
      assertRefused("REQUEST_ID_REUSED", id, () -> client.charge(more));
      ChargeRequest again = request.toBuilder().setRequestId(UUID.randomUUID().toString()).build();
      assertRefused("ORDER_ALREADY_PAID", id, () -> client.charge(again));
      GetStatusRequest none = GetStatusRequest.newBuilder().setPaymentId("none").build();
      assertRefused("PAYMENT_NOT_FOUND", "none", () -> client.getStatus(none));
      Watch<Payment> beyond = client.watch(OvoPaymentsClient.watchOf(id).toBuilder().setAfterVersion(1_000).build());
      assertRefused("VERSION_OUT_OF_RANGE", null, () -> beyond.iterator().hasNext());
    }
  }

  /** A token that the service does not know is refused with a reason, and so is a watch. */
  @Test
  void aWrongTokenIsRefused() throws IOException {
    try (OvoPaymentsClient client = connected("ovo_nobody")) {
      assertRefused("UNAUTHENTICATED", null, () -> client.charge(charge().build()));
      Watch<Payment> watch = client.watch(OvoPaymentsClient.watchOf("none"));
      assertRefused("UNAUTHENTICATED", null, () -> watch.iterator().hasNext());
    }
  }

  private static void assertRefused(String reason, String paymentId, Executable call) {
    OvoPaymentsException error = assertThrows(OvoPaymentsException.class, call);
    assertEquals(reason, error.reason());
    assertEquals(paymentId, error.metadata().get("payment_id"));
    assertFalse(error.isRetryable());
  }
}
