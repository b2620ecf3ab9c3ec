namespace Basalt.Cli;

/// <summary>The command line asks for something that makes no sense: exit code 2 and a hint to the help.</summary>
internal sealed class UsageException : Exception
{
    public UsageException()
    {
    }

    public UsageException(string message)
        : base(message)
    {
    }

    public UsageException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
