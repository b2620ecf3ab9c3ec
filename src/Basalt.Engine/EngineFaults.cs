using Basalt.Lsm;
using Basalt.Lsm.IO;

namespace Basalt.Engine;

/// <summary>The faults of the store in the words of the door.</summary>
internal static class EngineFaults
{
    public const string Scheme = "basalt";

    public static BasaltException NoSuchCollection(string collection, string folder) =>
        new(ErrorCode.NotFound, $"There is no collection '{collection}' in {folder}.") { Backend = Scheme, Target = collection };

    /// <summary>What a record's bytes are not.</summary>
    public static BasaltException Damaged(string collection, string id, InvalidDataException e) =>
        new(ErrorCode.Corrupt, $"The record '{id}' in '{collection}' cannot be read: {e.Message}. Run verify, and restore it from a backup.", e) { Backend = Scheme, Target = collection };

    /// <summary>Runs what meets the disk, with its faults in the words of the door.</summary>
    public static T Guard<T>(string target, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (IsOfWorld(e))
        {
            throw From(e, target);
        }
    }

    /// <summary>Whether it is a fault of the world; anything else goes on as it is.</summary>
    public static bool IsOfWorld(Exception e) => e is LsmException or InvalidDataException or UnauthorizedAccessException or IOException;

    public static BasaltException From(Exception e, string target) => e switch
    {
        LsmException lsm => new BasaltException(Code(lsm.Code), lsm.Message, e) { Backend = Scheme, Target = lsm.File ?? target },
        InvalidDataException => new BasaltException(ErrorCode.Corrupt, $"{target} is damaged: {e.Message}.", e) { Backend = Scheme, Target = target },
        _ when DiskSpace.IsOut(e) => new BasaltException(ErrorCode.DiskFull, $"{target}: there is no space left on the disk ({e.Message}). Free some space or add some, and try again.", e) { Backend = Scheme, Target = target },
        UnauthorizedAccessException => new BasaltException(ErrorCode.Unauthorized, $"{target}: permission denied ({e.Message})", e) { Backend = Scheme, Target = target },
        _ => new BasaltException(ErrorCode.Unavailable, $"{target}: {e.Message}", e) { Backend = Scheme, Target = target },
    };

    private static ErrorCode Code(LsmErrorCode code) => code switch
    {
        LsmErrorCode.Corrupt or LsmErrorCode.FormatTooNew => ErrorCode.Corrupt,
        LsmErrorCode.Locked or LsmErrorCode.Busy => ErrorCode.Locked,
        LsmErrorCode.DiskFull => ErrorCode.DiskFull,
        LsmErrorCode.InvalidOptions or LsmErrorCode.WrongFolder => ErrorCode.InvalidOptions,
        LsmErrorCode.WrongKey or LsmErrorCode.ReadOnly => ErrorCode.Unauthorized,
        _ => ErrorCode.Unavailable,
    };
}
