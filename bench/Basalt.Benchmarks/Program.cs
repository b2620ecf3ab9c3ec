using BenchmarkDotNet.Running;

// dotnet run -c Release --project bench/Basalt.Benchmarks -- --filter '*' --inProcess
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
