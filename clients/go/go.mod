// The Go client of OvoPayments.
module ovo.payments/client

go 1.23

require (
	google.golang.org/genproto v0.0.0-20240528184218-531527333157
	google.golang.org/genproto/googleapis/rpc v0.0.0-20240521202816-d264139d666e
	google.golang.org/grpc v1.64.0
	google.golang.org/protobuf v1.34.2
	ovo.payments/contract v0.1.0
)

require (
	golang.org/x/net v0.25.0 // indirect
	golang.org/x/sys v0.20.0 // indirect
	golang.org/x/text v0.15.0 // indirect
)

replace ovo.payments/contract => ../../generated/go
