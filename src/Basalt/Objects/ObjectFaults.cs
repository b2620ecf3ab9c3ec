namespace Basalt.Objects;

/// <summary>What stores say of conditions that do not hold.</summary>
internal static class ObjectFaults
{
    public static BasaltException Exists(string address, string key) =>
        new(ErrorCode.AlreadyExists, $"There is an object '{key}' in {address} already.") { Operation = "put", Target = key };

    public static BasaltException Changed(string address, string key, string operation) =>
        new(ErrorCode.Conflict, $"The object '{key}' in {address} is not the one that was expected: it was replaced or removed.") { Operation = operation, Target = key };
}
