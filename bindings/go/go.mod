module github.com/tokenquota/tokenquota/bindings/go

go 1.19
