namespace Basalt.Cli.Commands;

/// <summary>The measurements.</summary>
internal sealed class BenchCommand : ToolCommand
{
    public BenchCommand(Session session)
        : base("bench", "Measure how fast a store or an index is on this machine", CommandGroup.Tool, "bench records --store memory: --n 200000", "bench lsm --dir ./bench-data", "bench vectors --generate s100k --index flat")
    {
        Add(new BenchRecordsCommand(session));
        Add(new BenchLsmCommand(session));
        Add(new BenchVectorsCommand(session));
        Add(new BenchIngestCommand(session));
        Add(new BenchPointsCommand(session));
    }
}
