package ovo.payments.client;

import io.grpc.stub.ClientResponseObserver;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import ovo.payments.v1.OvoPaymentsGrpc.OvoPaymentsStub;
import ovo.payments.v1.WatchPaymentsRequest;
import ovo.payments.v1.WatchPaymentsResponse;

/** The last cursor that was seen. */
final class CursorPlace implements Place<WatchPaymentsRequest, WatchPaymentsResponse, WatchPaymentsResponse> {
  private final Supplier<OvoPaymentsStub> stub;
  private WatchPaymentsRequest asked;

  CursorPlace(WatchPaymentsRequest request, Supplier<OvoPaymentsStub> stub) {
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
  public void open(ClientResponseObserver<WatchPaymentsRequest, WatchPaymentsResponse> observer) {
    stub.get().watchPayments(asked, observer);
  }

  @Override
  public Optional<WatchPaymentsResponse> take(WatchPaymentsResponse message) {
    asked = asked.toBuilder().setCursor(message.getCursor()).setFromNow(false).build();
    return Optional.of(message);
  }
}
