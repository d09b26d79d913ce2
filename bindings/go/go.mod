module libsubprocess.dev/subprocess

go 1.19
