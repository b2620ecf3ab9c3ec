using Basalt.Lsm.Backups;

namespace Basalt.Cli.Movement;

/// <summary>The progress of a backup or restore as the share of its bytes.</summary>
internal sealed class TransferShare(IProgress<double> progress) : IProgress<TransferProgress>
{
    public void Report(TransferProgress value) => progress.Report(value.TotalBytes == 0 ? 1 : (double)value.Bytes / value.TotalBytes);

    /// <summary>What was done, in a few words.</summary>
    public static string Summary(TransferReport report) =>
        $"{(report.Files == 1 ? "1 file" : $"{report.Files:N0} files")}, {report.LinkedBytes:N0} bytes linked, {report.CopiedBytes:N0} copied, {report.ReusedBytes:N0} there already";
}
