package ovo.payments.client;

import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import java.util.List;
import java.util.Map;
import ovo.payments.v1.OvoPaymentsGrpc;

/**
 * What gRPC repeats by itself.
 *
 * <p>Every unary call is safe to repeat: it reads, or it carries a request id, or doing it twice is doing it once
 * (Unbind). Watches connect again by themselves. While more than half of the throttle's tokens are there calls are
 * retried; a failure costs one, a success gives a tenth back.
 */
final class ServiceConfig {
  static final Map<String, Object> VALUE =
      Map.of(
          "methodConfig", List.of(Map.of("name", unaryMethods(), "retryPolicy", retryPolicy())),
          "retryThrottling", Map.of("maxTokens", 100.0, "tokenRatio", 0.1));

  private ServiceConfig() {}

  private static List<Map<String, String>> unaryMethods() {
    return OvoPaymentsGrpc.getServiceDescriptor().getMethods().stream()
        .filter(method -> method.getType() == MethodType.UNARY)
        .map(MethodDescriptor::getBareMethodName)
        .map(method -> Map.of("service", OvoPaymentsGrpc.SERVICE_NAME, "method", method))
        .toList();
  }

  private static Map<String, Object> retryPolicy() {
    return Map.of(
        "maxAttempts", 4.0,
        "initialBackoff", "0.2s",
        "maxBackoff", "2s",
        "backoffMultiplier", 2.0,
        "retryableStatusCodes", List.of("UNAVAILABLE"));
  }
}
