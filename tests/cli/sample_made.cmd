# The sample log is what its generator makes, whatever awk this is.
awk -f "$cases/../../sample/make-sample.awk" | cmp - "$cases/../../sample/usage.csv"
