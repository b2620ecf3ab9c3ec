namespace Basalt.Lsm.Tables;

/// <summary>How the blocks of a table are made smaller. Existing tables stay as they are until they are merged.</summary>
public enum TableCompression
{
    /// <summary>Not at all: fastest to read.</summary>
    None = 0,

    /// <summary>Brotli at its fastest level; a block that does not shrink by an eighth stays as it is. Text becomes about a third.</summary>
    Brotli = 1,
}
