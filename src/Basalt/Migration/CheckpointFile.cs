using System.Text;
using Basalt.Backends.Files;
using Basalt.Records;

namespace Basalt.Migration;

/// <summary>
/// The checkpoint of one move: a JSON object of what the move is bound to and its <see cref="MoveState"/>, replaced whole and durably.
/// </summary>
internal sealed class CheckpointFile
{
    private const long Version = 1;
    private readonly string _path;
    private readonly ValueMap _binding;

    private CheckpointFile(string path, ValueMap binding)
    {
        _path = path;
        _binding = binding;
    }

    /// <summary>Where the move keeps the log of what it wrote.</summary>
    public string LogPath => _path + ".written";

    public static CheckpointFile Open(MoveCheckpoint checkpoint, string kind, params ReadOnlySpan<(string Name, string Value)> bound)
    {
        Directory.CreateDirectory(checkpoint.Folder);
        var pair = ContentHash.Of(Encoding.UTF8.GetBytes($"{kind}\n{checkpoint.Source}\n{checkpoint.Destination}"));
        var binding = new ValueMapBuilder().Set("kind", kind).Set("source", checkpoint.Source).Set("destination", checkpoint.Destination);
        foreach (var (name, value) in bound) binding.Set(name, value);
        return new CheckpointFile(Path.Combine(checkpoint.Folder, $"{kind}-{pair:x32}.checkpoint"), binding.Build());
    }

    /// <summary>The state that an interrupted run left, or null.</summary>
    public MoveState? Load()
    {
        if (!File.Exists(_path)) return null;
        ValueMap map;
        MoveState state;
        try
        {
            map = RecordJson.ParseValue(File.ReadAllText(_path)).AsMap;
            if (map["version"] != Version) throw new FormatException($"its version is {map["version"]}, not {Version}");
            state = MoveState.From(map["state"].AsMap);
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException or OverflowException)
        {
            throw new BasaltException(ErrorCode.Corrupt, $"The checkpoint '{_path}' cannot be read: {e.Message}. Delete it to start from the beginning.", e) { Target = _path };
        }

        RequireSame(map["binding"]);
        return state;
    }

    public void Save(MoveState state)
    {
        var text = RecordJson.ToText(new ValueMapBuilder().Set("version", Version).Set("binding", _binding).Set("state", state.ToMap()).Build());
        StableStorage.Replace(_path, Encoding.UTF8.GetBytes(text));
    }

    public void Delete()
    {
        File.Delete(_path);
        File.Delete(LogPath);
    }

    private void RequireSame(Value binding)
    {
        var before = binding.Kind == ValueKind.Map ? binding.AsMap : ValueMap.Empty;
        foreach (var name in _binding.Keys.Union(before.Keys))
        {
            if (before[name] == _binding[name]) continue;
            throw new BasaltException(
                ErrorCode.Conflict,
                $"The checkpoint '{_path}' belongs to a run with another {name}; run it as before, or start from the beginning without resuming.") { Target = _path };
        }
    }
}
