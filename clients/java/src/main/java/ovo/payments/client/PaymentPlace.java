package ovo.payments.client;

import io.grpc.stub.ClientResponseObserver;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import ovo.payments.v1.OvoPaymentsGrpc.OvoPaymentsStub;
import ovo.payments.v1.Payment;
import ovo.payments.v1.WatchPaymentRequest;
import ovo.payments.v1.WatchPaymentResponse;

/** The last version of a payment that was seen. */
final class PaymentPlace implements Place<WatchPaymentRequest, WatchPaymentResponse, Payment> {
  private final Supplier<OvoPaymentsStub> stub;
  private WatchPaymentRequest asked;

  PaymentPlace(WatchPaymentRequest request, Supplier<OvoPaymentsStub> stub) {
    this.stub = stub;
    asked =
        request.toBuilder()
            .setHeartbeatInterval(
                Place.heartbeatOrDefault(request.hasHeartbeatInterval(), request.getHeartbeatInterval()))
            .build();
  }

  @Override
  public Duration heartbeat() {
    return Place.of(asked.getHeartbeatInterval());
  }

  @Override
  public void open(ClientResponseObserver<WatchPaymentRequest, WatchPaymentResponse> observer) {
    stub.get().watchPayment(asked, observer);
  }

  @Override
  public Optional<Payment> take(WatchPaymentResponse message) {
    if (!message.hasPayment() || message.getPayment().getVersion() <= asked.getAfterVersion()) {
      return Optional.empty();
    }
    asked = asked.toBuilder().setAfterVersion(message.getPayment().getVersion()).build();
    return Optional.of(message.getPayment());
  }
}
