package ovo.payments.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Context;
import io.grpc.Context.CancellableContext;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.MethodDescriptor.PrototypeMarshaller;
import io.grpc.Status;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import ovo.payments.v1.ChargeRequest;
import ovo.payments.v1.OvoPaymentsGrpc;

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

  /** A program that has less time says so by gRPC's context, for one call or for many. */
  @Test
  void aDeadlineOfTheContextIsKept() throws IOException {
    List<Long> leftMs = new CopyOnWriteArrayList<>();
    ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    try (Service service = new Service();
        OvoPaymentsClient client = OvoPaymentsClient.to(service.target()).connect();
        CancellableContext hurry = Context.current().withDeadlineAfter(10, TimeUnit.SECONDS, clock)) {
      service.charge =
          (request, answer) -> {
            leftMs.add(Context.current().getDeadline().timeRemaining(TimeUnit.MILLISECONDS));
            Service.answered(answer);
          };
      hurry.run(() -> client.charge(NOTHING));
    } finally {
      clock.shutdownNow();
    }
    assertTrue(leftMs.get(0) <= 10_000, "the service sees " + leftMs);
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

  static Stream<MethodDescriptor<?, ?>> unaryMethods() {
    return OvoPaymentsGrpc.getServiceDescriptor().getMethods().stream()
        .filter(method -> method.getType() == MethodType.UNARY);
  }

  /** Every call, of reading and of money alike, is tried again and has a deadline; also one that is new. */
  @ParameterizedTest
  @MethodSource("unaryMethods")
  void everyCallIsTriedAgainWithinADeadline(MethodDescriptor<?, ?> method) throws Exception {
    List<Long> leftMs = new CopyOnWriteArrayList<>();
    String name = method.getBareMethodName();
    Object request = ((PrototypeMarshaller<?>) method.getRequestMarshaller()).getMessagePrototype();
    try (Service service = new Service();
        OvoPaymentsClient client = OvoPaymentsClient.to(service.target()).connect()) {
      service.refusing =
          () -> {
            leftMs.add(Context.current().getDeadline().timeRemaining(TimeUnit.MILLISECONDS));
            return leftMs.size() == 1 ? Status.UNAVAILABLE : Status.NOT_FOUND;
          };
      Method call =
          OvoPaymentsClient.class.getMethod(
              name.substring(0, 1).toLowerCase(Locale.ROOT) + name.substring(1), request.getClass());
      InvocationTargetException thrown =
          assertThrows(InvocationTargetException.class, () -> call.invoke(client, request));
      OvoPaymentsException error = assertInstanceOf(OvoPaymentsException.class, thrown.getCause());
      assertEquals(Status.Code.NOT_FOUND, error.code());
    }
    assertEquals(2, leftMs.size());
    assertTrue(leftMs.stream().allMatch(left -> left <= 30_000), "the service sees " + leftMs);
  }

  /** Nothing is hedged: no second attempt is sent beside one that is on its way. */
  @Test
  void aSlowAnswerIsWaitedFor() throws IOException {
    AtomicInteger calls = new AtomicInteger();
    try (Service service = new Service();
        OvoPaymentsClient client = OvoPaymentsClient.to(service.target()).deadline(Duration.ofSeconds(1)).connect()) {
      service.charge = (request, answer) -> calls.incrementAndGet();
      OvoPaymentsException error = assertThrows(OvoPaymentsException.class, () -> client.charge(NOTHING));
      assertEquals(Status.Code.DEADLINE_EXCEEDED, error.code());
    }
    assertEquals(1, calls.get());
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
