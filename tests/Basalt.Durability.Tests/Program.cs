using Basalt.Durability.Tests;
using Xunit.Runner.InProc.SystemConsole;

return args is [ChildProcess.Argument, ..] ? await ChildProcess.RunAsync(args[1..]) : await ConsoleRunner.Run(args);
