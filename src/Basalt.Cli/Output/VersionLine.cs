using System.CommandLine;
using System.CommandLine.Invocation;
using System.Reflection;

namespace Basalt.Cli.Output;

/// <summary>Prints the version of the tool, whatever program runs it.</summary>
internal sealed class VersionLine(TextWriter output) : SynchronousCommandLineAction
{
    public override int Invoke(ParseResult parseResult)
    {
        output.WriteLine(typeof(VersionLine).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion);
        return ExitCode.Done;
    }
}
